// Put new entries on top every two seconds while somebody can see them.
const list = document.querySelector("[data-entries]");
const EVERY = 2000, MOST = 200;

async function refresh() {
  const latest = list.querySelector("[data-sequence]")?.dataset.sequence ?? 0;
  const answer = await fetch(`${list.dataset.entries}?after=${latest}`);
  if (!answer.ok) return;
  const entries = await answer.text();
  if (!entries.trim()) return;
  list.insertAdjacentHTML("afterbegin", entries);
  document.getElementById("no-entries")?.remove();
  [...list.children].slice(MOST).forEach((entry) => entry.remove());
}

async function keepUp() {
  // A closed drawer gives this frame no height.
  if (!document.hidden && innerHeight > 0) await refresh().catch(() => {});
  setTimeout(keepUp, EVERY);
}

setTimeout(keepUp, EVERY);
