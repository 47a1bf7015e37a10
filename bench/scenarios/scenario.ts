/** Something that is measured for the floor and for harnext, side by side. */
export interface Scenario {
  /** What `--only` takes. */
  readonly name: string
  readonly title: (isQuick: boolean) => string
  readonly contestants: Contestants
  readonly rows: readonly Row[]
  /** Of a scenario that takes very long, or no time at all. @default as many as are wanted */
  readonly runs?: (wanted: number) => number
}

export type Column = 'floor' | 'stateless' | 'durable'

export interface Contestants {
  readonly floor: Measure
  readonly stateless?: Measure
  readonly durable?: Measure
}

/** One process. Rejects when it does not do what it is to do. */
export type Measure = (place: Place) => Promise<Sample>

export interface Place {
  readonly serverURL: string
  readonly isQuick: boolean
}

export interface Sample {
  readonly [metric: string]: number
}

/** One line of the table. */
export interface Row {
  /** Of the samples. */
  readonly metric: string
  readonly title: string
  readonly unit: string
  /** A figure without one is only reported. */
  readonly limits?: Limits
  /** Where a quick measurement is of another size. @default those of a whole one */
  readonly quickLimits?: Limits
}

export interface Limits {
  readonly stateless?: Limit
  readonly durable?: Limit
}

/**
 * `times`: of the floor in the same run. `most`: in the unit of the row, for a machine like the one it was set on; where all is
 * slower, what is not more than `orTimes` of the floor is good too.
 */
export type Limit = { readonly times: number } | { readonly most: number; readonly orTimes: number }
