/* <text-editor data-preview-url>: gives a textarea its toolbar, a preview and a count of words. */
import { announce } from "./announce.js";

const around = { bold: ["**", "**", "bold text"], italic: ["*", "*", "italic text"], code: ["`", "`", "code"], link: ["[", "](https://)", "link text"] };
const before = { list: "- ", quote: "> " };
const keys = { b: "bold", i: "italic" };

class TextEditor extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.sheet = this.querySelector(".prose");
    this.count = this.querySelector("output");
    this.toggle = this.querySelector("[data-act=preview]");
    const toolbar = this.querySelector(".toolbar");
    toolbar.hidden = false;
    toolbar.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act === "preview") this.preview();
      else if (act) this.format(act);
    });
    this.area.addEventListener("keydown", (event) => {
      const act = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && keys[event.key];
      if (!act) return;
      event.preventDefault();
      this.format(act);
    });
    this.area.addEventListener("input", () => this.tell());
    this.tell();
  }

  tell() {
    const words = this.area.value.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run)).length;
    const target = this.count.dataset.target;
    this.count.textContent = target ? `${words} of about ${target} words` : `${words} ${words === 1 ? "word" : "words"}`;
  }

  format(act) {
    if (!this.sheet.hidden) this.preview();
    const { selectionStart: start, selectionEnd: end, value } = this.area;
    const chosen = value.slice(start, end);
    if (act in around) {
      const [open, close, example] = around[act];
      this.put(start, end, open + (chosen || example) + close);
      const inner = start + open.length;
      this.area.setSelectionRange(inner, inner + (chosen || example).length);
    } else {
      const from = value.lastIndexOf("\n", start - 1) + 1;
      const lines = value.slice(from, end).split("\n");
      this.put(from, end, lines.map((line) => before[act] + line).join("\n"));
    }
  }

  put(start, end, text) {
    this.area.focus();
    this.area.setSelectionRange(start, end);
    // Old, but the only way that the browser's own Undo takes back.
    if (!document.execCommand("insertText", false, text)) {
      this.area.setRangeText(text, start, end, "end");
      this.area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  }

  async preview() {
    const showing = this.sheet.hidden;
    this.toggle.setAttribute("aria-pressed", String(showing));
    this.sheet.hidden = !showing;
    this.area.hidden = showing;
    if (!showing) return this.area.focus();
    this.sheet.textContent = "One moment…";
    this.sheet.innerHTML = await this.rendered();
    announce("Preview shown.");
  }

  async rendered() {
    const token = this.closest("form")?.elements.csrf_token?.value ?? "";
    const body = new URLSearchParams({ text: this.area.value, csrf_token: token });
    try {
      const answer = await fetch(this.dataset.previewUrl, { method: "POST", body, redirect: "error" });
      if (answer.ok) return (await answer.text()) || "<p>Nothing written yet.</p>";
    } catch {
      // Offline; said below.
    }
    return "<p>The preview is not available now. Your text is unchanged.</p>";
  }
}

customElements.define("text-editor", TextEditor);
