// WCAG contrast of every pair of colours that is used together, computed from tokens.css for all schemes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../../assets/src/css/tokens.css', import.meta.url), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');

function colours(block) {
  return Object.fromEntries([...block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
}

function blockOf(condition) {
  const start = condition ? css.indexOf(`@media ${condition} {`) : css.indexOf(':root');
  assert.ok(start >= 0, `tokens.css has ${condition}`);
  return css.slice(start, css.indexOf('}', start));
}

const light = colours(blockOf(''));
const dark = { ...light, ...colours(blockOf('(prefers-color-scheme: dark)')) };
const more = colours(blockOf('(prefers-contrast: more)'));
const schemes = {
  light,
  dark,
  'light, more contrast': { ...light, ...more },
  'dark, more contrast': { ...dark, ...more, ...colours(blockOf('(prefers-contrast: more) and (prefers-color-scheme: dark)')) },
};

function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

const grounds = ['paper', 'ground', 'raised'];
const pairs = [
  // text: 4.5 at least; with more contrast 7
  ...grounds.flatMap((ground) => ['ink', 'ink-soft', 'accent', 'accent-strong', 'visited', 'danger'].map((text) => [text, ground, 4.5])),
  ...['accent', 'success', 'warning', 'danger'].flatMap((name) => [[name, `${name}-soft`, 4.5], ['ink', `${name}-soft`, 4.5]]),
  ['accent-strong', 'accent-soft', 4.5], ['accent', 'danger-soft', 4.5], ['visited', 'danger-soft', 4.5],
  ['accent', 'success-soft', 4.5], ['accent', 'warning-soft', 4.5], ['visited', 'accent-soft', 4.5],
  ['visited', 'success-soft', 4.5], ['visited', 'warning-soft', 4.5], ['ink-soft', 'accent-soft', 4.5],
  ['on-fill', 'fill', 4.5], ['on-fill', 'fill-hover', 4.5], ['on-danger', 'danger-fill', 4.5], ['on-danger', 'danger-fill-hover', 4.5],
  ['success', 'ground', 4.5],
  // series of charts, which labels are written on and in
  ...[...'abcdefghij', 'other'].flatMap((name) => [['chart-' + name, 'paper', 4.5], ['chart-' + name, 'ground', 4.5], ['chart-' + name, 'raised', 3]]),
  // edges of controls, marks and the focus: 3 at least
  ...grounds.flatMap((ground) => ['line-strong', 'focus', 'fill', 'danger-fill', 'accent'].map((edge) => [edge, ground, 3])),
  ['focus', 'accent-soft', 3], ['focus', 'danger-soft', 3], ['focus', 'success-soft', 3], ['focus', 'warning-soft', 3],
];

for (const [name, scheme] of Object.entries(schemes)) {
  test(name, () => {
    for (const [front, back, least] of pairs) {
      assert.ok(scheme[front] && scheme[back], `${front} and ${back} are colours`);
      const needed = name.includes('more') && least === 4.5 && front !== 'visited' && !front.startsWith('chart-') ? 7 : least;
      const got = contrast(scheme[front], scheme[back]);
      assert.ok(got >= needed, `${front} on ${back}: ${got.toFixed(2)}, ${needed} needed`);
    }
  });
}

test('the formula: black on white is 21, a known grey 4.54', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#767676', '#ffffff').toFixed(2), '4.54');
});
