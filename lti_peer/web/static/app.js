/* Every page works without this. Each part of a page that has more to give brings its own module. */
const modules = {
  "auto-save": "./autosave.js",
  "text-editor": "./editor.js",
  "live-part": "./live.js",
  "time[data-words]": "./times.js",
  ".panes": "./panes.js",
  "html[data-frame-origin]": "./frame.js",
};

for (const [selector, module] of Object.entries(modules)) {
  if (document.querySelector(selector)) import(module);
}

// After a refused form the first thing to read is why. `autofocus` does nothing in a foreign frame.
document.querySelector(".error-summary")?.focus();
