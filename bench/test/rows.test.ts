import { describe, expect, it } from 'vitest'
import { linesAbove, linesOf, median } from '../report/rows.mjs'
import { table } from '../report/table.mjs'
import type { Limit, Row, Sample } from '../scenarios/scenario.ts'

const scenario = (row: Pick<Row, 'limits'>) => ({
  name: 'turns',
  rows: [{ metric: 'cpuMs', title: 'CPU a turn', unit: 'ms', ...row }],
})
const samples = (...values: number[]): Sample[] => values.map((cpuMs) => ({ cpuMs }))

describe('linesOf', () => {
  it('puts medians beside the median of the floor', () => {
    const [line] = linesOf(scenario({ limits: { stateless: { times: 1.5 } } }), {
      floor: samples(2, 90, 1),
      stateless: samples(3, 2, 80),
      durable: samples(4, 4, 4),
    })
    expect(line?.floor).toBe(2)
    expect(line?.cells).toEqual({
      stateless: { value: 3, times: 1.5, limit: { times: 1.5 }, isAbove: false },
      durable: { value: 4, times: 2, isAbove: false },
    })
  })

  it('leaves out a contestant that was not measured', () => {
    const [line] = linesOf(scenario({}), { floor: samples(1), stateless: samples(1) })
    expect(Object.keys(line?.cells ?? {})).toEqual(['stateless'])
  })
})

describe('linesAbove', () => {
  const above = (limits: { stateless?: Limit; durable?: Limit }, value: number): number =>
    linesAbove(
      linesOf(scenario({ limits }), {
        floor: samples(2),
        stateless: samples(1),
        durable: samples(value),
      }),
    ).length

  it('finds what is above a multiple of the floor, or above a figure', () => {
    expect(above({ durable: { times: 2 } }, 4)).toBe(0)
    expect(above({ durable: { times: 2 } }, 4.01)).toBe(1)
    expect(above({ durable: { most: 20, orTimes: 1 } }, 20)).toBe(0)
    expect(above({ durable: { most: 20, orTimes: 1 } }, 20.1)).toBe(1)
    expect(above({ durable: { most: 1, orTimes: 2 } }, 4)).toBe(0)
    expect(above({ durable: { most: 1, orTimes: 2 } }, 4.1)).toBe(1)
    expect(above({}, 1000)).toBe(0)
  })

  it('holds a figure that is missing for one above its limit', () => {
    const missing = { floor: samples(2), stateless: [{ other: 1 }] }
    for (const limit of [{ times: 9 }, { most: 9, orTimes: 9 }])
      expect(linesAbove(linesOf(scenario({ limits: { stateless: limit } }), missing))).toHaveLength(
        1,
      )
  })
})

describe('median', () => {
  it('is the middle, or lies between the two middle values', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 7])).toBe(6)
    expect(median([])).toBeNaN()
  })
})

describe('table', () => {
  it('marks what is above its limit', () => {
    const limits = { stateless: { times: 1.5 }, durable: { most: 20, orTimes: 1 } }
    const lines = linesOf(scenario({ limits }), {
      floor: samples(1.36),
      stateless: samples(2.72),
      durable: samples(1.7),
    })
    expect(table([{ title: '100 turns', lines }])).toBe(
      [
        '                         floor  stateless     ×   limit  durable     ×    limit\n',
        '100 turns: CPU a turn  1.36 ms    2.72 ms  2.00  1.50 !  1.70 ms  1.25  20.0 ms\n',
      ].join(''),
    )
  })
})
