/* LTI Platform Storage (1EdTech lti-pm-s 0.1): the LMS's frame keeps a value for this browser, or gives it back.

   Only the origin of the LMS's login page is spoken to and listened to. Some LMSs name a frame and never answer
   (Canvas on phones), so after a second the page goes on as it would have without. */
const PATIENCE_MS = 1000;

const place = document.querySelector("#lti-storage");
const goOn = document.querySelector("#lti-go-on");
const { act, target, origin, key, value } = place.dataset;

/* A parent that is another site lets us look up its frames by name, and nothing else. */
function storageFrame() {
  const lms = window.parent === window ? window.opener : window.parent;
  if (!lms || target === "_parent") return lms;
  try {
    return lms.frames[target] ?? null;
  } catch {
    return null;
  }
}

function ask(subject, more) {
  const frame = storageFrame();
  if (!frame) return Promise.resolve(null);
  const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("");
  return new Promise((resolve) => {
    const hear = ({ origin: from, data }) => {
      if (from !== origin || data?.subject !== `${subject}.response` || data.message_id !== id) return;
      removeEventListener("message", hear);
      resolve(data.error ? null : data);
    };
    addEventListener("message", hear);
    setTimeout(resolve, PATIENCE_MS, null);
    frame.postMessage({ subject, message_id: id, ...more }, origin);
  });
}

if (act === "put") {
  await ask("lti.put_data", { key, value });
  location.replace(goOn.href);
} else {
  const answer = await ask("lti.get_data", { key });
  if (answer?.key === key && typeof answer.value === "string") goOn.elements.value.value = answer.value;
  goOn.requestSubmit();
}
