/* Two tabs on a phone share one scroll bar: each keeps its own place, and a reload keeps the tab. */
for (const panes of document.querySelectorAll(".panes")) {
  const places = {};
  const radios = panes.querySelectorAll(":scope > input");
  let shown = [...radios].find((radio) => radio.checked);
  const state = () => history.state ?? {};

  const remembered = state()[panes.id];
  if (remembered && remembered !== shown.id) show(document.getElementById(remembered));

  function show(radio) {
    places[shown.id] = window.scrollY;
    radio.checked = true;
    shown = radio;
    window.scrollTo({ top: places[radio.id] ?? Math.min(window.scrollY, panes.offsetTop) });
    history.replaceState({ ...state(), [panes.id]: radio.id }, "");
  }

  for (const radio of radios) radio.addEventListener("change", () => show(radio));

  // A link to a field, from the list of errors, may lead into the pane that is not shown.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const pane = target && target.closest(".pane");
    if (!pane || !panes.contains(pane)) return;
    radios[pane.classList.contains("pane-first") ? 0 : 1].checked = true;
    target.focus();
  };
  addEventListener("hashchange", reveal);
}
