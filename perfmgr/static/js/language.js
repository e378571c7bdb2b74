// Which of its two languages the page speaks; sentences of scripts stand beside each other.

export const english = document.documentElement.lang === "en";

export const say = (chinese, inEnglish) => (english ? inEnglish : chinese);
