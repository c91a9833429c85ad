/** Say one sentence to people who listen to the page; nothing moves, the focus stays. */
export function announce(sentence) {
  const region = document.getElementById("announce");
  if (region) region.textContent = sentence;
}
