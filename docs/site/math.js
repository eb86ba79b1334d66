// formulas: what the page holds as TeX is drawn by the bundled KaTeX
document.querySelectorAll(".arithmatex").forEach(function (place) {
  var text = place.textContent.trim();
  var display = text.startsWith("\\[");
  katex.render(text.slice(2, -2), place, {displayMode: display, throwOnError: false});
});
