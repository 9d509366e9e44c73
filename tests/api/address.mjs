/** path with query parameters; an array gives a repeated parameter. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of [value].flat()) query.append(name, item);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
