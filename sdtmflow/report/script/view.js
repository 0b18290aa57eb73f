// What of the findings is wanted, and in which order: filters by value, words, a sorted column.
const FACETS = ["severity", "status", "site", "dataset", "rule", "stage"];
const SEARCHED = ["rule", "site", "subject", "visit", "dataset", "record_key", "variable", "value",
  "message", "query", "file", "fingerprint", "status", "query_id"];
const RANKED = {
  severity: ["critical", "major", "minor"],
  status: ["reopened", "new", "open", "queried", "answered", "waived", "resolved"],
  stage: ["raw", "sdtm", "package"],
};
const COLLATOR = new Intl.Collator("en", { numeric: true });

class View {
  constructor(table) {
    this.table = table;
    this.facets = FACETS.filter((name) => table.has(name));
    this.search = new Search(table, SEARCHED);
    this.ranks = new Map();
    this.clear();
  }

  clear() {
    this.wanted = new Map(this.facets.map((name) => [name, new Set()]));
    this.words = "";
    this.sort = "";
    this.descending = false;
  }

  get filtered() {
    return Boolean(this.words.trim()) || [...this.wanted.values()].some((values) => values.size);
  }

  // The rows that are wanted; `counts` says for each value of a facet how many there would be.
  compute() {
    const { rows } = this.table;
    const marks = this.search.marks(this.words);
    const tests = this.facets.map((name) => this.test(name));
    const wanted = new Uint32Array(rows);
    let length = 0;
    for (let row = 0; row < rows; row += 1) {
      if (!marks.every((marked) => marked[row])) continue;
      let missed = -1, misses = 0;
      for (let at = 0; at < tests.length && misses < 2; at += 1) {
        if (!tests[at].passing[tests[at].codes ? tests[at].codes[row] : row]) { missed = at; misses += 1; }
      }
      if (misses === 0) wanted[length++] = row;
      if (misses > 1) continue;
      if (misses === 1) tests[missed].count(row);
      else for (const test of tests) test.count(row);
    }
    this.counts = new Map(tests.map((test, at) => [this.facets[at], test.counts]));
    this.rows = this.arranged(wanted.subarray(0, length));
    return this.rows;
  }

  test(name) {
    const { values, codes } = this.table.columns.get(name);
    const asked = this.wanted.get(name);
    // What is resolved is kept to be looked at: it shows where it is asked for.
    const passes = asked.size ? (text) => asked.has(text) : (text) => name !== "status" || text !== "resolved";
    const counts = new Map();
    return {
      codes,
      passing: Uint8Array.from(values, (text) => Number(passes(text))),
      counts,
      count: (row) => {
        const text = values[codes ? codes[row] : row];
        counts.set(text, (counts.get(text) ?? 0) + 1);
      },
    };
  }

  // Sorted by counting: the rows of each place of the order after those of the place before.
  arranged(rows) {
    if (!this.sort) return rows;
    const { codes } = this.table.columns.get(this.sort);
    const { rank, places } = this.rankOf(this.sort);
    const place = (row) => {
      const at = rank[codes ? codes[row] : row];
      return this.descending ? places - 1 - at : at;
    };
    const starts = new Uint32Array(places + 1);
    for (const row of rows) starts[place(row) + 1] += 1;
    for (let at = 0; at < places; at += 1) starts[at + 1] += starts[at];
    const arranged = new Uint32Array(rows.length);
    for (const row of rows) arranged[starts[place(row)]++] = row;
    return arranged;
  }

  rankOf(name) {
    if (!this.ranks.has(name)) this.ranks.set(name, ranked(this.table.columns.get(name).values, orderOf(name)));
    return this.ranks.get(name);
  }
}

function orderOf(name) {
  const order = RANKED[name];
  return order ? (a, b) => order.indexOf(a) - order.indexOf(b) : COLLATOR.compare;
}

// The place of each value in the order; equal ones share a place.
function ranked(values, order) {
  const sorted = values.map((_, at) => at).sort((a, b) => order(values[a], values[b]));
  const rank = new Uint32Array(values.length);
  let place = 0;
  sorted.forEach((at, n) => {
    if (n && order(values[sorted[n - 1]], values[at]) !== 0) place += 1;
    rank[at] = place;
  });
  return { rank, places: values.length ? place + 1 : 0 };
}
