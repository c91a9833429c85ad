// The tool's frame: give it the height it asks for, and notice when registration is over.
const frame = document.querySelector("iframe[data-tool-origin]");
const LEAST = 320, MOST = 20000;

addEventListener("message", (event) => {
  if (!frame || event.source !== frame.contentWindow) return;
  if (event.origin !== frame.dataset.toolOrigin) return;
  let message = event.data;
  if (typeof message === "string") {
    try { message = JSON.parse(message); } catch { return; }
  }
  if (message?.subject === "lti.frameResize") {
    const height = Number(message.height);
    if (height > 0) frame.style.height = `${Math.min(Math.max(height, LEAST), MOST)}px`;
  } else if (message?.subject === "org.imsglobal.lti.close") {
    const next = document.querySelector("[data-after-close]");
    if (next) location.assign(next.href);
  }
});
