// Keys for whoever decides many a day; every page works without them. On an incident: u, r, h, d, n choose what to do and
// go to the reason. In the queue: j and k go from row to row, x ticks the box, Enter opens. Letters typed into a field are
// left alone, and so is whatever a modifier key makes of them.
'use strict';

function inField(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type));
}

function choose(key) {
  const what = { u: 'uphold', r: 'restore', h: 'hide', d: 'delete', n: 'note' }[key];
  const radio = what && document.querySelector('#decide input[name="what"][value="' + what + '"]');
  if (!radio) return false;
  radio.checked = true;
  const reason = document.querySelector('#decide textarea[name="why"]');
  if (reason) reason.focus();
  return true;
}

function walk(key) {
  const links = Array.from(document.querySelectorAll('.ch-row__title a'));
  if (!links.length) return false;
  const row = document.activeElement && document.activeElement.closest('.ch-row');
  const at = links.findIndex(function (link) { return row && row.contains(link); });
  if (key === 'j') links[Math.min(at + 1, links.length - 1)].focus();
  else if (key === 'k') links[Math.max(at - 1, 0)].focus();
  else {
    const box = row && row.querySelector('input[type="checkbox"]');
    if (!box) return false;
    box.checked = !box.checked;
  }
  return true;
}

document.addEventListener('keydown', function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  const key = event.key;
  if (('urhdn'.includes(key) && choose(key)) || ('jkx'.includes(key) && walk(key))) event.preventDefault();
});

// Whoever comes for one entry of a lexicon finds it open.
window.addEventListener('DOMContentLoaded', function () {
  const entry = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = entry && entry.querySelector('details');
  if (details) details.open = true;
});

// Two clicks must not send a form twice; the server would refuse the second one, and say so at the wrong moment.
document.addEventListener('submit', function (event) {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = 'yes';
});
window.addEventListener('pageshow', function () {
  document.querySelectorAll('form[data-sent]').forEach(function (form) { delete form.dataset.sent; });
});
