/** Small, typed ways to reach and make elements. */

/**
 * The element marked data-part="name". A missing one is a mistake in the template.
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => T} kind
 * @returns {T}
 */
export function part(root, name, kind) {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} "${name}".`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} sprite address of the icon file
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(sprite, name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * Change the icon and the words of a button made of an icon and a [data-label].
 * @param {HTMLButtonElement} button
 * @param {string} sprite
 * @param {string} name of the icon
 * @param {string} label
 */
export function relabel(button, sprite, name, label) {
  button.querySelector("use")?.setAttribute("href", `${sprite}#${name}`);
  const words = button.querySelector("[data-label]");
  if (words) words.textContent = label;
}

export const prefersStillness = () =>
  window.matchMedia("(prefers-reduced-motion: reduce)").matches;
