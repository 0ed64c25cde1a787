(element) => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((channel) => linear(channel / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (node) => getComputedStyle(node).backgroundColor;
  let behind = element;
  while (behind.parentElement && channels(background(behind))[3] === 0) behind = behind.parentElement;
  const pair = [getComputedStyle(element).color, background(behind)].map(luminance);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
};
