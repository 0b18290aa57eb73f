// One finding in full: what was found, where it came from, its record, its life.
const PARTS = [["Message", "message"], ["Query to the site", "query"], ["Record", "record_key"],
  ["Status", (text) => life(text)], ["Reason", "reason"], ["Query", "query_id"], ["Answer", "answer"],
  ["Seen", (text) => seen(text)], ["Stage", "stage"], ["Source", (text) => source(text)],
  ["Finding", "fingerprint"]];

function life(text) {
  const until = text("until");
  return [text("status"), text("since") && `since ${moment(text("since"))}`, text("by") && `by ${text("by")}`,
    until && `until ${until}`].filter(Boolean).join(", ");
}

function seen(text) {
  if (!text("first_seen")) return "";
  const runs = counted(Number(text("runs")), "run");
  return `in ${runs}, with the data of ${text("first_seen")} first and of ${text("last_seen")} last`;
}

function source(text) {
  const row = text("row");
  return [text("file"), row && row !== "0" && `record ${row}`].filter(Boolean).join(", ");
}

function moment(time) {
  return time.replace("T", " ").replace(/(\.\d+)?(\+00:00|Z)$/, " UTC");
}

class Details {
  constructor(table, facts) {
    this.table = table;
    this.facts = facts;
    this.tables = new Map();
    this.records = cached(() => this.at("records"));
    this.history = cached(() => this.at("history"));
  }

  unpacked(id) {
    if (!this.tables.has(id)) this.tables.set(id, Table.of(id));
    return this.tables.get(id);
  }

  // Fingerprint → the rows of a table that are about it; nothing where the page has no such table.
  async at(id) {
    if (document.readyState === "loading") {
      await new Promise((done) => document.addEventListener("DOMContentLoaded", done));
    }
    if (!document.getElementById(id)) return null;
    const table = await this.unpacked(id);
    const found = new Map();
    const { values, codes } = table.columns.get("fingerprint");
    for (let row = 0; row < table.rows; row += 1) {
      const fingerprint = values[codes ? codes[row] : row];
      if (!found.has(fingerprint)) found.set(fingerprint, []);
      found.get(fingerprint).push(row);
    }
    return { table, found };
  }

  // The detail of a row; `changed` is called when what had to be unpacked first has come.
  of(row, changed) {
    const box = element("div", undefined, "details");
    const said = element("div", undefined, "said");
    said.append(this.parts(row));
    box.append(said);
    const fingerprint = this.table.text("fingerprint", row);
    Promise.all([this.recordsOf(fingerprint, row), this.historyOf(fingerprint)]).then(([records, history]) => {
      if (history) said.append(history);
      box.append(...records);
      changed();
    });
    return box;
  }

  parts(row) {
    const list = element("dl");
    const text = (name) => (this.table.has(name) ? this.table.text(name, row) : "");
    for (const [name, what] of PARTS) {
      const shown = typeof what === "string" ? text(what) : what(text);
      if (shown) list.append(element("dt", name), element("dd", shown, typeof what === "string" ? what : undefined));
    }
    return list;
  }

  async recordsOf(fingerprint, row) {
    const records = await this.records();
    const shown = [];
    for (const at of (records && records.found.get(fingerprint)) || []) {
      shown.push(await this.record(records.table, at, this.marked(row)));
    }
    return shown;
  }

  // The variables that the finding speaks of: its own, and those that its value names.
  marked(row) {
    const named = [...this.table.text("value", row).matchAll(/(?:^|; )([A-Z][A-Z0-9_]*)=/g)].map((match) => match[1]);
    return new Set([this.table.text("variable", row), ...named]);
  }

  async record(records, at, marked) {
    const facts = this.facts[Number(records.text("table", at))];
    const table = await this.unpacked(facts.id);
    const place = Number(records.text("place", at));
    const figure = element("figure", undefined, "record");
    const where = table.text("_place", place);
    const caption = element("figcaption", facts.title);
    if (where) caption.append(element("span", where));
    figure.append(caption);
    const list = element("dl");
    for (const { name, label } of facts.variables) {
      const value = table.text(name, place);
      if (!value && !marked.has(name)) continue;
      const pair = element("div", undefined, marked.has(name) ? "marked" : undefined);
      const term = element("dt", name);
      if (label && label !== name) term.append(element("small", label));
      pair.append(term, element("dd", value || "(missing)", value ? "value" : "value soft"));
      list.append(pair);
    }
    figure.append(list);
    return figure;
  }

  async historyOf(fingerprint) {
    const history = await this.history();
    const rows = history && history.found.get(fingerprint);
    if (!rows) return null;
    const box = element("div", undefined, "history");
    box.append(element("h3", "History"));
    const list = element("ol");
    for (const row of rows) {
      const text = (name) => history.table.text(name, row);
      const change = text("before") && text("before") !== text("after") ? `${text("before")} → ${text("after")}` : text("after");
      const item = element("li");
      item.append(element("span", moment(text("time")), "soft"), ` ${text("action")}`, change && text("action") !== change ? ` (${change})` : "",
        text("who") ? `, ${text("who")}` : "", text("text") ? `: ${text("text")}` : "");
      list.append(item);
    }
    box.append(list);
    return box;
  }
}
