import type { AccountModel } from './model/account-model.ts';
import { askAll, belowAt, type DelayCurve, delayStep, densityAt, STEPS } from './model/delay-curve.ts';
import { DEVICES } from './model/strata.ts';

/**
 * The curves of all devices of the model that was asked last, one behind the other, by `delayStep`: a device's own objects would be asked for three
 * times a click. Of messages without identifier those of clicks that carried no code stand behind. Densities are NaN until they are asked for.
 */
export const lostDensity = new Float32Array(2 * DEVICES.length * STEPS);
export const keptDensity = new Float32Array(DEVICES.length * STEPS);
export const keptBelow = new Float32Array(DEVICES.length * STEPS);
export const lostBelow = new Float32Array(2 * DEVICES.length * STEPS);
/** Of messages that are sent on, by time since the one with the code: density times how many are. */
export const passedDensity = new Float32Array(STEPS);
export const CODELESS_CURVES = DEVICES.length;
export const keepCurves: DelayCurve[] = [];
export const loseCurves: DelayCurve[] = [];

/**
 * What a curve says where it has no step: below a second and beyond the grid. As all that a click asks functions for it is read from a table again: a
 * number that may be what a function gave is boxed for each click, and the boxes were a sixth of all garbage.
 */
export const offGrid = new Float64Array(2);

/**
 * Fills the tables with the curves of the devices that have a bit in `devices`. `isBusy`: with all that a glance may ask for, since it has to stop and begin again
 * for each density that it does not find, hundreds of times under a new model.
 */
export function lookAtCurves(model: AccountModel, devices: number, hasCodeless: boolean, isBusy: boolean): void {
  for (let device = 0; device < DEVICES.length; device += 1) {
    if ((devices & (1 << device)) === 0) continue;
    const keep = model.keep(device);
    const lose = model.lose(device);
    lookAtKeepers(keep, device);
    lookAtLosers(lose, device, isBusy);
    if (hasCodeless) lookAtLosers(model.codeless(device), device + CODELESS_CURVES, false);
  }
  lookAtPassedOn(model);
}

function lookAtPassedOn(model: AccountModel): void {
  const curve = model.forwarded();
  if (forwardCurve === curve) return;
  forwardCurve = curve;
  askAll(curve);
  const { rate } = model.platform.passedOn;
  for (let step = 0; step < STEPS; step += 1) passedDensity[step] = rate * curve.finely[step]!;
}

/** One object for each model of the platform. */
let forwardCurve: DelayCurve | undefined;

function lookAtKeepers(curve: DelayCurve, at: number): void {
  // Small accounts share the platform's curves, which are there already.
  if (keepCurves[at] === curve) return;
  keepCurves[at] = curve;
  keptDensity.set(curve.finely, at * STEPS);
  keptBelow.set(curve.finelyBelow, at * STEPS);
}

function lookAtLosers(curve: DelayCurve, at: number, isBusy: boolean): void {
  const isThere = loseCurves[at] === curve && (curve.isWhole || !isBusy);
  if (isBusy) askAll(curve);
  if (isThere) return;
  loseCurves[at] = curve;
  lostDensity.set(curve.finely, at * STEPS);
  lostBelow.set(curve.finelyBelow, at * STEPS);
}

/** Density per second of a device's curve, into its table or `offGrid`. */
export function askDensity(curves: readonly DelayCurve[], table: Float32Array, device: number, delayS: number): void {
  const density = densityAt(curves[device]!, delayS);
  const step = delayStep(delayS);
  // A model that is none must not be asked for ever.
  if (step >= 0) table[device * STEPS + step] = Number.isNaN(density) ? 0 : density;
  else offGrid[0] = density;
}

/** Shares below of a device's curves, into `offGrid`. */
export function askBelow(device: number, lostDevice: number, delayS: number): void {
  offGrid[0] = belowAt(keepCurves[device]!, delayS);
  offGrid[1] = belowAt(loseCurves[lostDevice]!, delayS);
}
