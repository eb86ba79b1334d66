// What a page does beyond links and forms: keep a training run up to date, show what a slider says, take dropped files.
(() => {
  "use strict";
  const each = (root, what, act) => {
    if (root.matches && root.matches(what)) act(root);
    for (const found of root.querySelectorAll(what)) act(found);
  };

  // ---- a run that trains: the server sends the part that changed; the browser asks again when it was cut off
  const live = document.querySelector("[data-events]");
  if (live && window.EventSource) {
    const source = new EventSource(live.dataset.events);
    source.addEventListener("live", (event) => { live.innerHTML = event.data; });
    source.addEventListener("over", (event) => {
      source.close();
      document.getElementById("state").textContent = `This run is ${event.data}.`;
      setTimeout(() => window.location.reload(), 600);
    });
    window.addEventListener("pagehide", () => source.close());
  }

  function prepare(root) {
    each(root, "input[data-shows]", (slider) => {
      const shown = document.getElementById(slider.dataset.shows);
      const digits = Math.max(0, Math.min(4, 3 - Math.floor(Math.log10(Math.max(1e-9, slider.max - slider.min)))));
      const show = () => { shown.textContent = slider.closest("[data-scrub]") ? slider.value : Number(slider.value).toFixed(digits); };
      slider.addEventListener("input", show);
      show();
    });
    each(root, "[data-scrub]", (scrub) => {
      const frames = [...scrub.querySelectorAll("img")];
      scrub.querySelector("input").addEventListener("input", (event) => {
        frames.forEach((frame, k) => { frame.hidden = k !== Number(event.target.value); });
      });
    });
    each(root, "[data-map]", (form) => {
      const [first, last] = form.querySelectorAll("input[type=number]");
      const places = [...form.querySelectorAll("[data-at]")];
      let next = first;
      const mark = () => {
        for (const place of places) place.classList.toggle("chosen", [first.value, last.value].includes(place.dataset.at));
        for (const image of form.querySelectorAll("img[data-of]")) {
          const at = document.getElementById(image.dataset.of);
          if (at.validity.valid && at.value !== "") image.src = `${image.dataset.address}${at.value}.png`;
        }
      };
      form.addEventListener("input", mark);
      form.querySelector(".map").addEventListener("click", (event) => {
        const far = (place) => {
          const box = place.getBoundingClientRect();
          return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
        };
        next.value = places.reduce((a, b) => (far(b) < far(a) ? b : a)).dataset.at;
        mark();
        if (next === last && first.value !== last.value) form.querySelector("button.main").click();
        next = next === first ? last : first;
      });
      mark();
    });
    each(root, "[data-reseeds]", (button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        document.getElementById(button.dataset.reseeds).value = crypto.getRandomValues(new Uint32Array(1))[0] % 1000000;
        button.form.querySelector("button.main").click();
      });
    });
    each(root, "[data-copies]", (button) => {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
        button.textContent = "Copied";
      });
    });
    each(root, "[data-drop]", (place) => {
      const input = place.querySelector("input[type=file]");
      for (const name of ["dragenter", "dragover"]) place.addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
      for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
      place.addEventListener("drop", (event) => { event.preventDefault(); if (event.dataTransfer.files.length) input.files = event.dataTransfer.files; });
    });
  }
  prepare(document);
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));

  // ---- sliders of a model draw by themselves when they are let go, once a first draw was asked for
  const drawing = document.getElementById("drawing");
  if (drawing) drawing.addEventListener("change", (event) => {
    if (event.target.type === "range" && document.getElementById("drawn").children.length) drawing.querySelector("button.main").click();
  });
})();
