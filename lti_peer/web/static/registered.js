/* Tells the LMS that the registration is over, and nobody but the LMS: one message to each origin of
   its own, and the browser delivers the one that fits. While there is something to read, a person
   closes the page. */
const page = document.getElementById("registered");
const opener = window.opener ?? (window.parent === window ? null : window.parent);

function close() {
  for (const origin of page.dataset.closeOrigins.split(" ")) {
    opener.postMessage({ subject: "org.imsglobal.lti.close" }, origin);
  }
}

if (opener) {
  const button = page.querySelector("[data-close]");
  button.hidden = false;
  button.addEventListener("click", close);
  if ("closeAtOnce" in page.dataset) close();
}
