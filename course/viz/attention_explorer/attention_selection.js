// Which tokens are selected: `query`, and `others` beside it. A click replaces them, Shift+click adds or takes away.

function makeSelection(model, count) {
  const chosen = () => [model.get("query"), ...model.get("others")].filter((one) => one !== null && one < count());
  function set(places) {
    const [query = null, ...others] = places;
    model.set({ query, others });
    model.save_changes();
  }
  return {
    places: chosen,
    replace: (place) => set(place === null || (chosen().length === 1 && chosen()[0] === place) ? [] : [place]),
    toggle: (place) => set(chosen().includes(place) ? chosen().filter((one) => one !== place) : [...chosen(), place]),
  };
}
