// What of the page sticks out to the right of it, as far as somebody could notice.

() => {
  const scrolls = (element) => /auto|scroll|hidden/.test(getComputedStyle(element).overflowX);
  const isInside = (element) => {
    for (let box = element.parentElement; box !== null; box = box.parentElement) {
      if (box !== document.body && box !== document.documentElement && scrolls(box)) return true;
    }
    return false;
  };
  const out = [...document.body.querySelectorAll("*")].filter((element) => {
    const { width, left, right } = element.getBoundingClientRect();
    const isSeen = width > 1 && element.checkVisibility({ visibilityProperty: true });
    return isSeen && !isInside(element) && (right > innerWidth + 1 || left < -1);
  });
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the whole page"] : [];
  return [...wide, ...out.map(({ tagName, className }) => `${tagName} ${className}`)];
};
