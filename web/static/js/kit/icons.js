const SVG = "http://www.w3.org/2000/svg";

/**
 * An icon of the sprite, hidden from readers: what it stands for is said beside it.
 *
 * @param {string} name a symbol's id in img/icons.svg
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const sprite = document.querySelector("[data-icons]")?.getAttribute("data-icons") ?? "";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
