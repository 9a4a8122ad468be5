/** Builds an element. Text goes in as text, never as markup; attributes that are null or false are left out. */
export const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false))
  return node
}

export const byId = (id) => document.getElementById(id)

/** Only addresses that a person may safely follow. */
export const webUrl = (url) => (/^https?:\/\//i.test(url) ? url : null)

/** Our own uploads by path, so that they load under whichever loopback name the page was opened. */
export const pictureUrl = (url) => {
  try {
    const { hostname, pathname, protocol } = new URL(url)
    if (hostname === '127.0.0.1' && pathname.startsWith('/cdn/')) return pathname
    return protocol === 'https:' ? url : null
  } catch {
    return null
  }
}
