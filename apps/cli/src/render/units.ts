/** `12,345` */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 turn`, `12,345 tokens` */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Milliseconds as `0.4 s`, `12 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** US dollars; `null` is a price that nobody knows. */
export function costText(usd: number | null): string {
  return usd === null ? 'cost unknown' : `$${usd.toFixed(4)}`
}

/** Milliseconds since 1970 as `2026-11-21 02:33`, in the person's time zone. */
export function timeText(ms: number): string {
  const date = new Date(ms)
  const two = (count: number): string => String(count).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
