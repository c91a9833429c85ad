/* <auto-save data-url>: keeps the form around it as a draft on the server. Protocol: parts/editor.html. */
import { announce } from "./announce.js";

const PAUSE = 1500; // milliseconds without a key, then save
const LONGEST = 10_000; // and at least this often while typing
const RETRY = [2, 5, 10, 20, 30]; // seconds

class AutoSave extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    // What the server sent; words typed before this script came are not saved yet.
    const sent = this.form.cloneNode(true);
    sent.reset();
    this.kept = this.fields(sent);
    this.failures = 0;
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", () => { this.handed = true; });
    addEventListener("online", () => this.failures && this.save());
    addEventListener("pageshow", () => { this.handed = false; });
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
    addEventListener("beforeunload", (event) => {
      if (!this.handed && this.fields() !== this.kept) event.preventDefault();
    });
    if (this.fields() !== this.kept) this.changed();
  }

  /** The fields as they are sent, without those that are no part of the draft. */
  fields(form = this.form) {
    const data = new URLSearchParams(new FormData(form));
    data.delete("csrf_token");
    data.delete("version");
    return data.toString();
  }

  changed() {
    this.since ??= Date.now();
    const wait = Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now()));
    this.later(wait);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.ended || this.conflict || this.handed) return;
    if (this.busy) { this.again = true; return; }
    const sent = this.fields();
    this.since = undefined;
    if (sent === this.kept) return;
    this.busy = true;
    try {
      await this.settle(await this.send(), sent);
    } catch {
      this.retry();
    }
    this.busy = false;
    if (this.again) { this.again = false; this.later(0); }
  }

  send() {
    return fetch(this.dataset.url, {
      method: "POST",
      body: new URLSearchParams(new FormData(this.form)),
      headers: { Accept: "application/json" },
      redirect: "error",
      keepalive: document.hidden,
      signal: AbortSignal.timeout(15_000),
    });
  }

  async settle(answer, sent) {
    if (answer.ok) return this.saved(await answer.json(), sent);
    if (answer.status === 409) return this.differs(await answer.json());
    if (answer.status === 401 || answer.status === 403) return this.over();
    if (answer.status >= 500 || answer.status === 429) return this.retry();
    const { message } = await answer.json().catch(() => ({}));
    this.say(`Not saved: ${message ?? "the server refused it."}`, true);
  }

  saved({ saved, version }, sent) {
    const troubled = this.failures > 0;
    this.failures = 0;
    this.kept = sent;
    this.version(version);
    this.say(`Saved ${saved}`, troubled);
  }

  retry() {
    const wait = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    this.say("Not saved. We will try again; please keep this page open.", this.failures === 1);
    this.later(wait * 1000);
  }

  over() {
    this.ended = true;
    this.notice("bad", "Not saved: your visit has ended. Your text is still in this page. Copy it, open this activity again from your course, and paste it there.");
  }

  /** Another window or device saved since: show both, and let the person choose. */
  differs({ saved, version, fields }) {
    this.conflict = true;
    const other = saved ? `another window saved a different text at ${saved}` : "another window saved meanwhile";
    const box = this.notice("warn", `Not saved: ${other}. This page has yours; below is the other.`);
    const different = Object.entries(fields ?? {}).filter(([name, text]) => this.value(name) !== text);
    for (const [, text] of different) {
      const shown = document.createElement("div");
      shown.className = "written";
      shown.role = "region";
      shown.ariaLabel = "The other text";
      shown.tabIndex = 0;
      shown.textContent = text;
      box.append(shown);
    }
    const choose = (label, take) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label });
      button.addEventListener("click", () => {
        if (take) this.take(fields ?? {});
        this.version(version);
        this.conflict = false;
        this.kept = take ? this.fields() : "";
        this.say(take ? `Saved ${saved}` : "Saving…", true);
        if (!take) this.save();
        this.form.elements[different[0]?.[0]]?.focus?.();
      });
      return button;
    };
    const actions = Object.assign(document.createElement("p"), { className: "actions" });
    actions.append(choose("Keep mine", false), choose("Use the other", true));
    box.append(actions);
  }

  value(name) {
    return this.form.elements[name]?.value;
  }

  take(fields) {
    for (const [name, text] of Object.entries(fields)) {
      const field = this.form.elements[name];
      if (!field) continue;
      field.value = text;
      field.dispatchEvent?.(new InputEvent("input", { bubbles: true }));
    }
  }

  version(number) {
    const field = this.form.elements.version;
    if (field && number !== undefined) field.value = number;
  }

  say(sentence, aloud) {
    this.textContent = sentence;
    if (aloud) announce(sentence);
  }

  notice(tone, sentence) {
    const box = Object.assign(document.createElement("div"), { className: "stack" });
    const line = Object.assign(document.createElement("p"), { textContent: sentence });
    const frame = Object.assign(document.createElement("div"), { className: `notice ${tone}` });
    box.append(line);
    frame.append(box);
    this.replaceChildren(frame);
    frame.scrollIntoView({ block: "nearest" });
    announce(sentence);
    return box;
  }
}

customElements.define("auto-save", AutoSave);
