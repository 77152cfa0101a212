const field = document.getElementById("search");
const rows = [...document.querySelectorAll("tr[data-text]")];
const counter = document.getElementById("found");
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.dataset.text.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += !row.hidden;
  }
  const says = counter.dataset.says.replace("{k}", shown).replace("{n}", rows.length);
  counter.textContent = words.length ? says : "";
});
