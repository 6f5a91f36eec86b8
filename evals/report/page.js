"use strict";
// The lists are whole without this script; with it they can be narrowed.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const talks = [...document.querySelectorAll(".talk")];
  const groups = [...document.querySelectorAll(".group")];
  const told = document.getElementById("found");
  const opened = new Map(groups.map((group) => [group, group.open]));

  const has = (talk, name, wanted) => !wanted || talk.dataset[name].split("|").includes(wanted);

  function narrow() {
    const { outcome, manner, tag, words } = form.elements;
    const text = words.value.trim().toLowerCase();
    const active = Boolean(outcome.value || manner.value || tag.value || text);
    let found = 0;
    for (const talk of talks) {
      const fits = has(talk, "outcome", outcome.value) && has(talk, "manner", manner.value)
        && has(talk, "tag", tag.value) && (!text || talk.textContent.toLowerCase().includes(text));
      talk.hidden = !fits;
      found += fits;
    }
    for (const group of groups) {
      const left = group.querySelectorAll(".talk:not([hidden])").length;
      group.hidden = left === 0;
      group.open = active ? left > 0 : opened.get(group);
      group.querySelector(".many").textContent = left;
    }
    told.textContent = active ? `${found} of ${talks.length} talks` : `${talks.length} talks`;
  }

  form.hidden = false;
  form.addEventListener("input", narrow);
  form.addEventListener("reset", () => setTimeout(narrow));
  form.addEventListener("submit", (event) => event.preventDefault());
  narrow();
})();
