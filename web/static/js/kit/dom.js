/**
 * The first element that matches, or null when there is none or it is of another kind.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {new (...args: never[]) => T} kind
 * @param {ParentNode} [within]
 * @returns {T | null}
 */
export function one(selector, kind, within = document) {
  const found = within.querySelector(selector);
  return found instanceof kind ? found : null;
}

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new (...args: never[]) => T} kind
 * @param {ParentNode} [within]
 * @returns {T[]}
 */
export function all(selector, kind, within = document) {
  /** @type {T[]} */
  const found = [];
  for (const each of within.querySelectorAll(selector)) if (each instanceof kind) found.push(each);
  return found;
}

/**
 * An element with a class and children; strings become text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
