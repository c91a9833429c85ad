/* <live-part data-url data-every>: fetches its own content anew while somebody looks at it. */
class LivePart extends HTMLElement {
  connectedCallback() {
    this.wait = Math.max(5, Number(this.dataset.every)) * 1000;
    this.timer = setInterval(() => this.renew(), this.wait);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async renew() {
    if (document.hidden || this.contains(document.activeElement)) return;
    try {
      const answer = await fetch(this.dataset.url, { redirect: "error" });
      if (answer.ok) this.innerHTML = await answer.text();
      else if (answer.status < 500) clearInterval(this.timer);
    } catch {
      // Offline: the old numbers stay, the next turn tries again.
    }
  }
}

customElements.define("live-part", LivePart);
