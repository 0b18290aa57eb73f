// The page at work: the form, the chips, the heat map and the address lead to one view of the list.
const NAMES = { search: "Search", severity: "Severity", status: "Status", site: "Site", dataset: "Dataset", rule: "Rule", stage: "Stage" };

class Page {
  constructor(table) {
    this.table = table;
    this.view = new View(table);
    const facts = JSON.parse(document.getElementById("facts").textContent);
    const details = new Details(table, facts.tables);
    this.name = facts.name;
    this.total = facts.total;
    this.form = document.querySelector("form.filters");
    this.chips = document.querySelector(".chips");
    this.status = document.querySelector(".status");
    this.list = new List(table, this.view, (row, changed) => details.of(row, changed));
    this.list.onOpen = () => this.remember();
    this.listen();
    this.recall();
  }

  listen() {
    const { form } = this;
    let waiting = 0;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { this.view.clear(); this.apply(); }));
    form.elements.search.addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.search(event.target.value), 120);
    });
    form.addEventListener("change", (event) => {
      const wanted = this.view.wanted.get(event.target.name);
      if (!wanted || event.target.value === "*") return;
      wanted.add(event.target.value === "-" ? "" : event.target.value);
      this.apply();
    });
    this.list.grid.tHead.addEventListener("click", (event) => this.sorted(event));
    document.addEventListener("click", (event) => this.followed(event));
    window.addEventListener("hashchange", () => this.recall());
    document.querySelector("[data-save=csv]").addEventListener("click", () => saveCsv(this.table, this.view.rows, `${this.name}-findings.csv`));
    document.querySelector("[data-save=copy]").addEventListener("click", () =>
      copyRows(this.table, this.view.rows).then(() => this.say(`${counted(this.view.rows.length, "finding")} copied`)));
    document.querySelector("[data-save=link]").addEventListener("click", () =>
      copy(location.href).then(() => this.say("The link to this view is copied")));
    new Heat(document.querySelector("table.heat"));
  }

  search(words) {
    this.view.words = words;
    this.apply();
  }

  apply() {
    const rows = this.view.compute();
    this.list.show(rows);
    this.showFilters();
    const { view } = this;
    const all = view.wanted.get("status")?.has("resolved") ? this.table.rows : this.total;
    this.say(`${view.filtered ? `${number(rows.length)} of ` : ""}${counted(all, "finding")}`);
    this.remember();
  }

  say(text) {
    this.status.textContent = text;
  }

  sorted(event) {
    const name = event.target.dataset.sort;
    if (!name) return;
    this.view.descending = this.view.sort === name && !this.view.descending;
    this.view.sort = name;
    this.apply();
  }

  // A number of the summary was chosen: its findings, and only they.
  followed(event) {
    const chosen = event.target.closest("[data-show]");
    if (!chosen) return;
    event.preventDefault();
    this.view.clear();
    for (const [name, value] of new URLSearchParams(shownBy(chosen))) this.view.wanted.get(name)?.add(value);
    this.apply();
    document.getElementById("findings").scrollIntoView();
    this.list.frame.focus({ preventScroll: true });
  }

  showFilters() {
    const { view, form } = this;
    if (form.elements.search.value !== view.words) form.elements.search.value = view.words;
    for (const name of view.facets) this.options(name);
    const chips = view.words.trim() ? [this.chip("search", view.words, () => { view.words = ""; })] : [];
    for (const [name, values] of view.wanted) {
      for (const value of values) chips.push(this.chip(name, value || nothing(name), () => values.delete(value)));
    }
    if (chips.length > 1) chips.push(button("Clear all", "clear", () => { view.clear(); this.apply(); form.elements.search.focus(); }));
    this.chips.replaceChildren(...chips);
    this.chips.hidden = !chips.length;
    for (const head of this.list.grid.tHead.rows[0].cells) {
      head.setAttribute("aria-sort", head.dataset.column !== view.sort ? "none" : view.descending ? "descending" : "ascending");
    }
  }

  chip(name, value, remove) {
    const chip = button(undefined, "filter", () => {
      remove();
      this.apply();
      (this.chips.querySelector("button") ?? this.form.elements.search).focus();
    });
    chip.append(element("span", `${NAMES[name]}: `), element("b", value), element("span", "×", "cross"));
    chip.setAttribute("aria-label", `Remove the filter ${NAMES[name]}: ${value}`);
    return chip;
  }

  options(name) {
    const select = this.form.elements[name];
    const counts = this.view.counts.get(name);
    const wanted = this.view.wanted.get(name);
    const values = [...counts.keys()].filter((value) => !wanted.has(value)).sort(orderOf(name));
    const first = new Option(wanted.size ? `${wanted.size} chosen` : "All", "*");
    select.replaceChildren(first, ...values.map((value) =>
      new Option(`${value || nothing(name)} (${number(counts.get(value))})`, value || "-")));
  }

  // The view stands in the address, so that it can be sent and survives a reload.
  remember() {
    const { view, list } = this;
    const kept = new URLSearchParams();
    if (view.words.trim()) kept.append("search", view.words);
    for (const [name, values] of view.wanted) for (const value of values) kept.append(name, value);
    if (view.sort) kept.append("sort", `${view.descending ? "-" : ""}${view.sort}`);
    if (list.open >= 0) kept.append("finding", this.table.text("fingerprint", list.open));
    const text = kept.toString();
    this.address = text ? `#?${text}` : "";
    try { history.replaceState(null, "", this.address || location.pathname + location.search); } catch { /* a sandboxed frame has no history */ }
  }

  recall() {
    if (this.address !== undefined && !location.hash.startsWith("#?")) return; // a section of the page
    const { view } = this;
    const kept = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
    view.clear();
    view.words = kept.get("search") ?? "";
    for (const [name, value] of kept) view.wanted.get(name)?.add(value);
    const sort = kept.get("sort") ?? "";
    if (this.list.names.includes(sort.replace(/^-/, ""))) {
      view.sort = sort.replace(/^-/, "");
      view.descending = sort.startsWith("-");
    }
    this.apply();
    this.reopen(kept.get("finding"));
  }

  reopen(fingerprint) {
    if (!fingerprint) return;
    const place = this.view.rows.findIndex((row) => this.table.text("fingerprint", row) === fingerprint);
    if (place < 0 || place === this.list.place) return;
    this.list.go(place);
    this.list.toggle(place);
    document.getElementById("findings").scrollIntoView();
  }
}

function nothing(name) {
  return name === "site" ? "study" : "—";
}

Table.of("data").then((table) => {
  window.report = new Page(table);
  document.documentElement.dataset.ready = "yes";
  performance.mark("ready");
  window.report.view.search.prepare();
});
