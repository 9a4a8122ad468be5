/** Builds an element. Text is added as text, never as markup. Attributes that are null or false are left out. */
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

/** Returns an address only if a person may follow it safely. */
export const webUrl = (url) => (/^https?:\/\//i.test(url) ? url : null)

/** Returns the path of an upload of this server, so that it loads under every loopback name of the page. */
export const pictureUrl = (url) => {
  try {
    const { hostname, pathname, protocol } = new URL(url)
    if (hostname === '127.0.0.1' && pathname.startsWith('/cdn/')) return pathname
    return protocol === 'https:' ? url : null
  } catch {
    return null
  }
}
