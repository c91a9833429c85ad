// The tool's frame: give it the height it asks for, and notice when registration is over.
const frame = document.querySelector("iframe[data-tool-origin]");
const LEAST = 320, MOST = 20000;

// LTI Platform Storage (1EdTech lti-pm-s 0.1), where this LMS offers it: kept while the page is.
const kept = new Map();
const STORAGE = {
  "lti.capabilities": () => ({ supported_messages: Object.keys(STORAGE).map((subject) => ({ subject })) }),
  "lti.put_data": ({ key, value }) => {
    if (value === null) kept.delete(key); else kept.set(key, value);
    return { key, value };
  },
  "lti.get_data": ({ key }) => ({ key, value: kept.get(key) ?? null }),
};

function answer(message, event) {
  const given = { subject: `${message.subject}.response`, message_id: message.message_id };
  event.source.postMessage({ ...given, ...STORAGE[message.subject](message) }, event.origin);
}

addEventListener("message", (event) => {
  if (!frame || event.source !== frame.contentWindow) return;
  if (event.origin !== frame.dataset.toolOrigin) return;
  let message = event.data;
  if (typeof message === "string") {
    try { message = JSON.parse(message); } catch { return; }
  }
  if ("storage" in frame.dataset && Object.hasOwn(STORAGE, message?.subject)) {
    answer(message, event);
  } else if (message?.subject === "lti.frameResize") {
    const height = Number(message.height);
    if (height > 0) frame.style.height = `${Math.min(Math.max(height, LEAST), MOST)}px`;
  } else if (message?.subject === "org.imsglobal.lti.close") {
    const next = document.querySelector("[data-after-close]");
    if (next) location.assign(next.href);
  }
});
