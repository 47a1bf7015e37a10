import { HarnextError } from '@harnext/core'

/** Says something to a run that is under way: the model reads it between two turns. */
export class SteeringChannel {
  #waiting: string[] = []
  #take: ((text: string) => void) | undefined
  #isClosed = false

  /** Throws `HarnextError` with the code `usage` when the channel is closed. What is sent before a run takes it waits. */
  send(text: string): void {
    if (this.#isClosed)
      throw new HarnextError('The steering channel is closed: its run is over.', { code: 'usage' })
    if (this.#take) this.#take(text)
    else this.#waiting.push(text)
  }

  get hasPending(): boolean {
    return this.#waiting.length > 0
  }

  close(): void {
    this.#isClosed = true
    this.#take = undefined
  }

  /** For the run that takes what is sent. */
  open(take: (text: string) => void): void {
    this.#take = take
    for (const text of this.#waiting.splice(0)) take(text)
  }
}
