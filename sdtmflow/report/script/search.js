// A column's texts as one lower-case text: a word is found by one pass over it, not by one a row.
const BETWEEN = "\u0001";

class TextIndex {
  constructor({ values, codes }, rows) {
    const lower = values.map((text) => text.toLowerCase());
    this.text = lower.join(BETWEEN);
    this.starts = new Uint32Array(values.length + 1);
    lower.forEach((text, at) => { this.starts[at + 1] = this.starts[at] + text.length + 1; });
    this.codes = codes;
    this.rows = rows;
  }

  // Marks the rows whose text holds the (lower-case) word.
  mark(word, marked) {
    const passing = this.passing(word);
    if (!passing) return;
    for (let row = 0; row < this.rows; row += 1) {
      if (passing[this.codes ? this.codes[row] : row]) marked[row] = 1;
    }
  }

  passing(word) {
    let found = this.text.indexOf(word);
    if (found < 0) return null;
    const passing = new Uint8Array(this.starts.length);
    let at = 0;
    while (found >= 0) {
      at = this.holder(found, at);
      passing[at] = 1;
      found = this.text.indexOf(word, this.starts[at + 1]);
    }
    return passing;
  }

  // Which text the position is in, looked for from `low` on, in steps that double.
  holder(position, low) {
    let step = 1;
    while (low + step < this.starts.length && this.starts[low + step] <= position) step *= 2;
    let high = Math.min(low + step, this.starts.length - 1);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= position) low = middle; else high = middle;
    }
    return low;
  }
}

class Search {
  constructor(table, names) {
    this.rows = table.rows;
    this.indexes = names.filter((name) => table.has(name)).map((name) =>
      cached(() => new TextIndex(table.columns.get(name), table.rows)));
  }

  // Column by column, whenever the browser has nothing else to do.
  prepare(at = 0) {
    if (at >= this.indexes.length) return;
    (window.requestIdleCallback ?? setTimeout)(() => {
      this.indexes[at]();
      this.prepare(at + 1);
    });
  }

  // For each word the rows that have it in any column; a row is wanted where every word is.
  marks(text) {
    return text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
      const marked = new Uint8Array(this.rows);
      for (const index of this.indexes) index().mark(word, marked);
      return marked;
    });
  }
}
