// Molecules that can be turned, chosen and played. Two hidden WebGL pictures, a small and a large one, draw them all one
// after another, and each is copied to its place: browsers allow few such contexts, and a page holds many molecules.
(() => {
  "use strict";
  const held = document.getElementById("molecules-in-space");
  if (!held || !window.$3Dmol) return;
  const data = JSON.parse(held.textContent);
  const HALF = Math.tan(Math.PI / 18), EYE = 150; // half the camera's angle, and where it stands

  // ---- a hidden picture that draws whatever molecule it is asked for; each is made when it is first seen
  class Studio {
    constructor(side, smooth) {
      this.room = document.createElement("div");
      this.room.className = "backstage";
      this.room.style.width = this.room.style.height = `${side}px`;
      this.room.setAttribute("aria-hidden", "true");
      document.body.append(this.room);
      const look = { nomouse: true, antialias: smooth, upscale: smooth, backgroundColor: data.paper };
      this.viewer = window.$3Dmol.createViewer(this.room, look);
      this.picture = this.viewer.getCanvas();
      this.models = new Map();
      this.shown = null;
      this.picture.addEventListener("webglcontextlost", retreat);
    }
    model(k) {
      if (this.models.has(k)) return this.models.get(k);
      const { z, p, b } = data.molecules[k];
      const bonds = z.map(() => []), orders = z.map(() => []);
      for (let i = 0; i < b.length; i += 3) {
        bonds[b[i]].push(b[i + 1]); orders[b[i]].push(b[i + 2]);
        bonds[b[i + 1]].push(b[i]); orders[b[i + 1]].push(b[i + 2]);
      }
      const made = this.viewer.addModel();
      made.addAtoms(z.map((n, i) => ({
        elem: data.elements[n][0], color: parseInt(data.elements[n][1].slice(1), 16),
        x: p[3 * i], y: p[3 * i + 1], z: p[3 * i + 2], bonds: bonds[i], bondOrder: orders[i], index: i, serial: i,
        style: {
          sphere: { radius: n === 1 ? 0.26 : 0.38 },
          stick: { radius: 0.12, doubleBondScaling: 0.65, tripleBondScaling: 0.5 },
        },
      })));
      this.models.set(k, made);
      return made;
    }
    draw(k, q, far) {
      const made = this.model(k);
      if (this.shown !== made) {
        if (this.shown) this.shown.hide();
        made.show();
        this.shown = made;
        this.viewer.setSlab(-reach(k) - 1, 3 * reach(k) + 1); // what lies behind pales
        this.viewer.render();
      }
      this.viewer.setView([0, 0, 0, EYE - far, ...q]);
      return this.picture;
    }
  }
  const tiles = [], dirty = new Set();
  let working = true, small = null, large = null;
  function retreat() { // back to the still pictures
    working = false;
    document.body.classList.remove("in-space");
    for (const one of tiles) { one.canvas.remove(); one.home.classList.remove("live"); }
    for (const tool of document.querySelectorAll(".stage, .film .controls")) tool.hidden = true;
  }
  const trial = document.createElement("canvas");
  if (!(trial.getContext("webgl2") || trial.getContext("webgl"))) return;
  try {
    small = new Studio(240, false);
    large = document.getElementById("stage") ? new Studio(400, true) : small;
  } catch { return; }
  function reach(k) {
    const { p, r } = data.molecules[k];
    if (r) return r;
    let far = 0;
    for (let i = 0; i < p.length; i += 3) far = Math.max(far, Math.hypot(p[i], p[i + 1], p[i + 2]));
    return Math.max(data.reach, far + 0.4);
  }

  // ---- turns, as quaternions x, y, z, w
  const times = (a, b) => [
    a[3] * b[0] + a[0] * b[3] + a[1] * b[2] - a[2] * b[1], a[3] * b[1] - a[0] * b[2] + a[1] * b[3] + a[2] * b[0],
    a[3] * b[2] + a[0] * b[1] - a[1] * b[0] + a[2] * b[3], a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2]];
  function turned(q, dx, dy) {
    const length = Math.hypot(dx, dy);
    if (!length) return q;
    const s = Math.sin(length / 2) / length;
    const all = times([dy * s, dx * s, 0, Math.cos(length / 2)], q), norm = Math.hypot(...all);
    return all.map((v) => v / norm);
  }
  function moved(q, x, y, z) { // a place, as it stands after the turn
    const [a, b, c, w] = q;
    const tx = 2 * (b * z - c * y), ty = 2 * (c * x - a * z), tz = 2 * (a * y - b * x);
    return [x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx];
  }

  // ---- tiles
  const options = { marks: true, letters: false, together: false };
  class Tile {
    constructor(home, molecule) {
      this.home = home; this.molecule = molecule; this.q = [0, 0, 0, 1]; this.size = 1; this.seen = false;
      this.canvas = document.createElement("canvas");
      this.canvas.setAttribute("aria-hidden", "true");
      home.prepend(this.canvas);
      home.classList.add("live");
    }
    show(k) { if (k !== this.molecule) { this.molecule = k; this.paint(); } }
    paint() {
      if (!this.seen || !working) return;
      const wide = Math.round(this.home.clientWidth * Math.min(2, window.devicePixelRatio || 1));
      if (!wide) return;
      if (this.canvas.width !== wide) { this.canvas.width = wide; this.canvas.height = wide; }
      const far = reach(this.molecule) / 0.92 / HALF / this.size, pen = this.canvas.getContext("2d");
      const drawn = (this.large ? large : small).draw(this.molecule, this.q, far);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(drawn, 0, 0, wide, wide);
      this.remark(pen, wide, far);
    }
    remark(pen, wide, far) { // rings about unstable atoms, and the letters of elements
      const { z, p, u } = data.molecules[this.molecule];
      const places = z.map((n, i) => moved(this.q, p[3 * i], p[3 * i + 1], p[3 * i + 2]));
      const spot = ([x, y, d]) => { const s = wide / 2 / HALF / (far - d); return [wide / 2 + s * x, wide / 2 - s * y, s]; };
      if (options.marks && !this.plain) {
        pen.strokeStyle = data.mark;
        pen.lineWidth = Math.max(1.5, wide / 110);
        pen.setLineDash([wide / 40, wide / 60]);
        for (const i of u) {
          const [x, y, s] = spot(places[i]);
          pen.beginPath(); pen.arc(x, y, 0.52 * s, 0, 7); pen.stroke();
        }
        pen.setLineDash([]);
      }
      if (options.letters && this.home.clientWidth > 180) {
        const order = z.map((_, i) => i).sort((a, b) => places[a][2] - places[b][2]);
        pen.textAlign = "center"; pen.textBaseline = "middle";
        for (const i of order) {
          const [x, y, s] = spot(places[i]);
          pen.font = `700 ${Math.max(9, 0.42 * s)}px system-ui, sans-serif`;
          pen.lineWidth = Math.max(2, 0.1 * s); pen.strokeStyle = "#fff"; pen.fillStyle = "#111";
          pen.strokeText(data.elements[z[i]][0], x, y); pen.fillText(data.elements[z[i]][0], x, y);
        }
      }
    }
    turn(dx, dy) {
      const all = options.together && !this.alone ? tiles.filter((tile) => !tile.alone) : [this, ...(this.partners || [])];
      for (const tile of all) { tile.q = turned(tile.q, dx, dy); soon(tile); }
    }
  }
  function soon(tile) { // once a frame, however fast the hand
    if (!dirty.size) requestAnimationFrame(() => { const all = [...dirty]; dirty.clear(); for (const one of all) one.paint(); });
    dirty.add(tile);
  }
  const all = () => { for (const tile of tiles) soon(tile); };
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      target.tile.seen = isIntersecting;
      if (isIntersecting) soon(target.tile);
    }
  }, { rootMargin: "80px" });
  function tile(home, molecule) {
    const made = new Tile(home, molecule);
    home.tile = made; tiles.push(made); watch.observe(home);
    let from = null, far = 0;
    home.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = [event.clientX, event.clientY]; far = 0; home.setPointerCapture(event.pointerId);
    });
    home.addEventListener("pointermove", (event) => {
      if (!from) return;
      const dx = event.clientX - from[0], dy = event.clientY - from[1], side = home.clientWidth || 1;
      from = [event.clientX, event.clientY]; far += Math.abs(dx) + Math.abs(dy);
      made.turn(4 * dx / side, 4 * dy / side);
    });
    home.addEventListener("pointerup", () => { if (from && far < 4 && made.chosen) made.chosen(); from = null; });
    home.addEventListener("pointercancel", () => { from = null; });
    home.addEventListener("dblclick", () => { made.q = [0, 0, 0, 1]; made.size = 1; soon(made); });
    return made;
  }
  window.addEventListener("resize", all);
  document.body.classList.add("in-space");

  // ---- the stage: one molecule large, with what is known of it
  const stage = document.getElementById("stage");
  const grid = [...document.querySelectorAll(".seats [data-molecule]")].map((home) => tile(home, Number(home.dataset.molecule)));
  let at = 0;
  if (stage && grid.length) {
    const big = tile(stage.querySelector(".seat"), grid[0].molecule), facts = document.getElementById("facts");
    big.large = true;
    const formula = document.getElementById("formula"), sheets = [...document.querySelectorAll("[data-formulas] img")];
    const choose = (i, q) => {
      grid[at].home.classList.remove("chosen");
      at = (i + grid.length) % grid.length;
      const one = grid[at], { t, f, s } = data.molecules[one.molecule];
      one.home.classList.add("chosen");
      document.getElementById("who").textContent = t;
      facts.replaceChildren(...f.map(([name, value]) => {
        const row = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
        dt.textContent = name; dd.textContent = value; row.append(dt, dd);
        return row;
      }));
      formula.hidden = !s;
      if (s) {
        const sheet = sheets[s[0]], pen = formula.getContext("2d");
        const draw = () => { pen.clearRect(0, 0, s[3], s[3]); pen.drawImage(sheet, s[1], s[2], s[3], s[3], 0, 0, s[3], s[3]); };
        formula.width = s[3]; formula.height = s[3];
        if (sheet.complete) draw(); else sheet.addEventListener("load", draw, { once: true });
      }
      big.molecule = one.molecule; big.q = q || one.q; big.size = 1;
      soon(big);
    };
    grid.forEach((one, i) => { one.chosen = () => choose(i); });
    stage.querySelector(".seat").addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] }[event.key];
      if (step) big.turn(...step);
      else if (event.key === "+" || event.key === "=") big.size = Math.min(4, big.size * 1.15);
      else if (event.key === "-") big.size = Math.max(0.4, big.size / 1.15);
      else return;
      event.preventDefault(); soon(big);
    });
    for (const button of stage.querySelectorAll("[data-step]")) button.addEventListener("click", () => choose(at + Number(button.dataset.step)));
    for (const button of stage.querySelectorAll("[data-size]")) {
      button.addEventListener("click", () => { big.size = Math.min(4, Math.max(0.4, big.size * Number(button.dataset.size))); soon(big); });
    }
    for (const box of stage.querySelectorAll("[data-option]")) {
      options[box.dataset.option] = box.checked;
      box.addEventListener("change", () => { options[box.dataset.option] = box.checked; all(); });
    }
    stage.hidden = false;
    const first = grid.findIndex((one) => one.home.closest("[data-set=model]"));
    choose(Math.max(0, first));
  }

  // ---- tables of molecules that stand beside each other and are turned together
  for (const table of document.querySelectorAll(".abreast")) {
    const some = [...table.querySelectorAll("[data-molecule]")].map((home) => tile(home, Number(home.dataset.molecule)));
    for (const one of some) { one.alone = one.plain = true; one.partners = some.filter((other) => other !== one); }
  }

  // ---- films: the way from noise, played or pulled by hand
  for (const film of document.querySelectorAll(".film")) {
    const reels = [...film.querySelectorAll("[data-film]")].map((home) => {
      const frames = data.films[Number(home.dataset.film)], one = tile(home, frames[frames.length - 1]);
      one.alone = true; one.frames = frames;
      return one;
    });
    if (!reels.length) continue;
    const last = reels[0].frames.length - 1, slider = film.querySelector("input"), button = film.querySelector("button");
    const label = film.querySelector("output");
    let timer = null;
    const go = (i) => {
      slider.value = i;
      label.textContent = i === 0 ? "noise" : i === last ? "sample" : `frame ${i + 1} of ${last + 1}`;
      for (const reel of reels) { reel.molecule = reel.frames[i]; soon(reel); }
    };
    const stop = () => { clearInterval(timer); timer = null; button.textContent = "▶ play"; };
    button.addEventListener("click", () => {
      if (timer) return stop();
      if (Number(slider.value) >= last) go(0);
      button.textContent = "❚❚ pause";
      timer = setInterval(() => { if (Number(slider.value) >= last) stop(); else go(Number(slider.value) + 1); }, 140);
    });
    slider.max = last;
    slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
    film.querySelector(".controls").hidden = false;
    go(last);
  }
})();
