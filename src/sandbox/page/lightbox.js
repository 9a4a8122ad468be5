import { byId } from './dom.js'

const box = byId('lightbox')

/** Shows a picture as large as the window allows. Esc, a click or the button closes it. */
export const openLightbox = (src, alt) => {
  const image = box.querySelector('img')
  image.src = src
  image.alt = alt
  box.querySelector('.lightbox-caption').textContent = alt
  box.showModal()
}

box.addEventListener('click', () => box.close())
