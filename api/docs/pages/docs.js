// Finds operations and copies samples. The page is complete without it.
"use strict";

(() => {
  const copyable = document.querySelectorAll("pre");
  if (navigator.clipboard) {
    for (const block of copyable) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy 复制";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(block.querySelector("code").textContent);
          button.textContent = "Copied 已复制";
        } catch {
          button.textContent = "Not copied 未复制";
        }
        setTimeout(() => { button.textContent = "Copy 复制"; }, 2000);
      });
      const frame = document.createElement("div");
      frame.className = "copyable";
      block.replaceWith(frame);
      frame.append(block, button);
    }
  }

  const find = document.getElementById("find");
  if (!find) return;
  find.parentElement.hidden = false;
  const found = document.getElementById("found");
  const entries = Array.from(document.querySelectorAll("article"), (article) => ({
    article,
    link: document.querySelector(`nav a[href="#${CSS.escape(article.id)}"]`),
    text: article.textContent.toLowerCase(),
  }));
  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { article, link, text } of entries) {
      const matches = words.every((word) => text.includes(word));
      article.hidden = !matches;
      if (link) link.parentElement.hidden = !matches;
      if (matches) count++;
    }
    for (const chapter of document.querySelectorAll("section.chapter")) {
      chapter.hidden = !chapter.querySelector("article:not([hidden])");
    }
    found.textContent = words.length ? String(count) : "";
  };
  find.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && document.activeElement === find) {
      find.value = "";
      show();
    }
  });
  // A link to an operation shows it, whatever is being looked for.
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      find.value = "";
      show();
      target.scrollIntoView();
    }
  });
})();
