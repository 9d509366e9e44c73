// Choices that one seed decides.
export class Choices {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** A number from 0 up to 1 (mulberry32). */
  real() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from low to high. */
  int(low, high) {
    return low + Math.floor(this.real() * (high - low + 1));
  }

  chance(share) {
    return this.real() < share;
  }

  pick(items) {
    return items[this.int(0, items.length - 1)];
  }

  some(items, least, most) {
    return Array.from({ length: this.int(least, most) }, () => this.pick(items));
  }
}
