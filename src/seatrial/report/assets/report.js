"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Copying works from a file as well, where the clipboard's own interface may be closed.
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* the older way, below */ }
    const area = document.createElement("textarea");
    area.value = text; document.body.append(area); area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  for (const button of all(".code button")) {
    const before = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("code").textContent;
      button.textContent = (await copy(text + "\n")) ? "copied" : "not copied";
      setTimeout(() => { button.textContent = before; }, 2000);
    });
  }

  const root = document.documentElement;
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  addEventListener("beforeprint", () => all("details").forEach((it) => { it.dataset.was = it.open; it.open = true; }));
  addEventListener("afterprint", () => all("details").forEach((it) => { it.open = it.dataset.was === "true"; }));

  for (const figure of all(".picture")) {
    const view = figure.querySelector(".view"), graph = figure.querySelector(".graph");
    const search = figure.querySelector("input"), told = figure.querySelector("output");
    const modules = all(".m", graph), paths = all("path", graph);
    const width = graph.width.baseVal.value, height = graph.height.baseVal.value;
    let scale = 1;
    figure.querySelector(".tools").hidden = false;

    const zoom = (wanted, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
      const before = scale;
      scale = Math.min(4, Math.max(0.05, wanted));
      const left = (view.scrollLeft + x) * scale / before - x, top = (view.scrollTop + y) * scale / before - y;
      graph.setAttribute("width", width * scale); graph.setAttribute("height", height * scale);
      view.scrollLeft = left; view.scrollTop = top;
    };
    const fit = () => zoom(Math.min(1, view.clientWidth / width));
    const look = (chosen, move) => {
      const numbers = new Set(chosen.map((it) => modules.indexOf(it)));
      graph.classList.toggle("looking", chosen.length > 0);
      modules.forEach((it, n) => { it.classList.toggle("found", numbers.has(n)); it.classList.remove("near"); });
      for (const path of paths) {
        const a = Number(path.dataset.a), b = Number(path.dataset.b), near = numbers.has(a) || numbers.has(b);
        path.classList.toggle("near", near);
        if (near) { modules[a].classList.add("near"); modules[b].classList.add("near"); }
      }
      if (chosen.length && move) {
        if (scale < 0.6) zoom(0.8);
        const box = chosen[0].getBoundingClientRect(), frame = view.getBoundingClientRect();
        view.scrollLeft += box.left - frame.left - view.clientWidth / 2 + box.width / 2;
        view.scrollTop += box.top - frame.top - view.clientHeight / 2 + box.height / 2;
      }
    };
    const describe = (chosen) => {
      if (chosen.length !== 1) return `${chosen.length} modules found`;
      const n = modules.indexOf(chosen[0]);
      const ends = (from, to) => new Set(paths.filter((it) => Number(it.dataset[from]) === n).map((it) => it.dataset[to])).size;
      return `${chosen[0].dataset.n} imports ${ends("a", "b")} modules, is imported by ${ends("b", "a")}`;
    };

    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      const exact = modules.filter((it) => it.dataset.n.toLowerCase() === wanted);
      const found = !wanted ? [] : exact.length ? exact : modules.filter((it) => it.dataset.n.toLowerCase().includes(wanted));
      look(found, true);
      told.textContent = wanted ? describe(found) : "";
    });
    graph.addEventListener("click", (event) => {
      const chosen = event.target.closest(".m");
      look(chosen ? [chosen] : [], false);
      told.textContent = chosen ? describe([chosen]) : "";
    });
    view.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const frame = view.getBoundingClientRect();
      zoom(scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });
    view.addEventListener("keydown", (event) => {
      const step = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
      if (step) zoom(scale * step);
      else if (event.key === "0") fit();
      else if (event.key === "Escape") { look([], false); told.textContent = ""; }
      else return;
      event.preventDefault();
    });
    const act = { in: () => zoom(scale * 1.25), out: () => zoom(scale * 0.8), fit, all: () => graph.classList.toggle("all") };
    for (const button of all("button[data-act]", figure)) {
      button.addEventListener("click", () => {
        act[button.dataset.act]();
        if (button.dataset.act === "all") button.setAttribute("aria-pressed", graph.classList.contains("all"));
      });
    }
    if (width > view.clientWidth) fit();
    if (height * scale < view.clientHeight) view.style.height = `${height * scale + 20}px`; // no empty sea below
  }
})();
