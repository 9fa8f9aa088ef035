"use strict";
(() => {
  // Times in the reader's own zone; UTC stays in the title.
  const zoned = (part) => {
    for (const time of part.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      const length = "exact" in time.dataset ? "long" : "short";
      const style = { dateStyle: "medium", timeStyle: length };
      time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, style).format(at);
    }
  };
  zoned(document);

  // A page that waits hears of the new state, and takes it over without a reload.
  const waiting = document.querySelector("[data-here]");
  if (!waiting) return;
  const here = waiting.dataset.here;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const lang = new URLSearchParams(location.search).get("lang");
  const address = `${here}/result?n=30${lang ? `&lang=${encodeURIComponent(lang)}` : ""}`;
  let over = false;

  // One who pressed the button has been told that nothing is known: that nothing came is no news to him.
  const asked = "asked" in waiting.dataset;
  const show = async (state) => {
    if (over) return;
    over = true;
    if (asked && state === "timed_out") return;
    try {
      const reply = await fetch(address, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) {
        const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
        zoned(fresh);
        part.replaceChildren(...fresh.childNodes);
      }
    } catch {
      location.replace(address);
    }
  };

  const ask = async () => {
    const end = Date.now() + 60000;
    while (!over && Date.now() < end) {
      try {
        const reply = await fetch(`${here}/status?wait=20`, { cache: "no-store" });
        const told = await reply.json();
        if (told.final) return show(told.state);
      } catch {
        // The network comes and goes: the next question may be heard.
      }
      await pause(2000);
    }
    show("timed_out");
  };

  if (!window.EventSource) return void ask();
  const stream = new EventSource(`${here}/stream`);
  stream.addEventListener("state", (event) => {
    const told = JSON.parse(event.data);
    if (!told.final) return;
    stream.close();
    show(told.state);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) ask();
  });
  // A stream that never ends, for whatever reason, ends here.
  setTimeout(() => {
    stream.close();
    show("timed_out");
  }, 75000);
})();
