import type { ChartOptions } from 'chart.js'

/** Size of every chart in CSS pixels. Discord shows an embed's picture at most 400 × 300, so the ratio is 4 : 3. */
export const CHART_WIDTH = 640
export const CHART_HEIGHT = 480

/** Pixels of the picture for each CSS pixel. */
export const PIXEL_RATIO = 2

/**
 * The family under which the in-process renderer registers its font. A remote renderer takes the first of the stack
 * that it has.
 */
export const FONT_FAMILY = 'NanumGothic'
const FONT_STACK = `${FONT_FAMILY}, 'Nanum Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif`

/** CSS pixels. In a picture shrunk to a width of 400 pixels, 17 become 10.6. */
export const FONT_SIZE = { title: 22, text: 17, small: 16 } as const

export const COLOR = {
  background: '#14171c',
  grid: 'rgba(255, 255, 255, 0.08)',
  frame: 'rgba(255, 255, 255, 0.22)',
  sessionBreak: 'rgba(255, 255, 255, 0.45)',
  text: '#f2f4f6',
  faint: '#aeb6c0',
  /** Korean convention: red rises, blue falls. */
  up: '#ff4d5a',
  down: '#4f8dff',
  flat: '#c3cad3',
  upFaint: 'rgba(255, 77, 90, 0.5)',
  downFaint: 'rgba(79, 141, 255, 0.5)',
  flatFaint: 'rgba(195, 202, 211, 0.5)',
  mark: '#ffc531',
  markFaint: 'rgba(255, 197, 49, 0.2)',
  usual: '#7fd1ae',
  usualFaint: 'rgba(127, 209, 174, 0.15)',
  warning: '#ffb454',
  none: 'transparent',
} as const

const LANGUAGE = { ko: 'ko-KR', en: 'en-US' } as const

export const font = (size: number, weight: 'normal' | 'bold' = 'normal') => ({ family: FONT_STACK, size, weight })

/**
 * The options that all charts share: no animation, a fixed size, a title in the upper left corner and a grey subtitle
 * below it.
 */
export const baseOptions = (locale: 'ko' | 'en', title: string, subtitle: string) =>
  ({
    locale: LANGUAGE[locale],
    responsive: false,
    animation: false,
    events: [],
    font: font(FONT_SIZE.text),
    color: COLOR.text,
    layout: { padding: { left: 12, right: 12, top: 8, bottom: 8 } },
    plugins: {
      legend: { display: false },
      // QuickChart loads a plugin that would otherwise write every number beside its bar.
      ...{ datalabels: { display: false } },
      tooltip: { enabled: false },
      title: {
        display: true,
        align: 'start',
        text: title,
        color: COLOR.text,
        font: font(FONT_SIZE.title, 'bold'),
        padding: { top: 2, bottom: 4 },
      },
      subtitle: {
        display: true,
        align: 'start',
        text: subtitle,
        color: COLOR.faint,
        font: font(FONT_SIZE.small),
        padding: { top: 0, bottom: 6 },
      },
    },
  }) satisfies ChartOptions
