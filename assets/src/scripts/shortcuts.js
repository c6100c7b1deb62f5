// Keys for lists of cases: next, previous, open, tick, search, help. Never the only way, never while somebody types,
// and off where they were switched off (WCAG 2.1.4).
const KEPT = 'beffroi.shortcuts'

export const shortcuts = holder => {
  const dialog = holder.querySelector('dialog')
  const on = holder.querySelector('[data-shortcuts-on]')
  holder.hidden = false
  on.checked = localStorage.getItem(KEPT) !== 'off'
  on.addEventListener('change', () => localStorage.setItem(KEPT, on.checked ? 'on' : 'off'))
  holder.querySelector('[data-shortcuts-open]').addEventListener('click', () => dialog.showModal())
  holder.querySelector('[data-shortcuts-close]').addEventListener('click', () => dialog.close())

  const links = () => [...document.querySelectorAll('tr.row th a')]
  const current = () => links().indexOf(document.activeElement?.closest('tr.row')?.querySelector('th a'))
  const step = by => {
    const all = links()
    const next = current() < 0 ? (by > 0 ? 0 : all.length - 1) : current() + by
    all[next]?.focus()
  }
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    o: () => links()[current()]?.click(),
    x: () => links()[current()]?.closest('tr').querySelector('input[type="checkbox"]')?.click(),
    '/': () => document.getElementById('q')?.focus(),
    '?': () => dialog.showModal(),
  }
  document.addEventListener('keydown', event => {
    const typing = event.target.closest?.('input:not([type="checkbox"]), textarea, select, [contenteditable]')
    if (!on.checked || typing || dialog.open || event.ctrlKey || event.metaKey || event.altKey) return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })
}
