import type { AccountModel } from './model/account-model.ts';
import { belowAt, type DelayCurve, delayStep, densityAt, STEPS } from './model/delay-curve.ts';
import { DEVICES } from './model/strata.ts';

/**
 * The curves of all devices of the model that was asked last, one behind the other, by `delayStep`: a device's own objects would be asked for three
 * times a click. Of messages without identifier those of clicks that carried no code stand behind. Densities are NaN until they are asked for.
 */
export const lostDensity = new Float32Array(2 * DEVICES.length * STEPS);
export const keptDensity = new Float32Array(DEVICES.length * STEPS);
export const keptBelow = new Float32Array(DEVICES.length * STEPS);
export const lostBelow = new Float32Array(2 * DEVICES.length * STEPS);
export const CODELESS_CURVES = DEVICES.length;
export const keepCurves: DelayCurve[] = [];
export const loseCurves: DelayCurve[] = [];

/**
 * What a curve says where it has no step: below a second and beyond the grid. As all that a click asks functions for it is read from a table again: a
 * number that may be what a function gave is boxed for each click, and the boxes were a sixth of all garbage.
 */
export const offGrid = new Float64Array(2);

/** Fills the tables with the curves of the devices that have a bit in `devices`. */
export function lookAtCurves(model: AccountModel, devices: number, hasCodeless: boolean): void {
  for (let device = 0; device < DEVICES.length; device += 1) {
    if ((devices & (1 << device)) === 0) continue;
    const keep = model.keep(device);
    const lose = model.lose(device);
    keepCurves[device] = keep;
    loseCurves[device] = lose;
    lostDensity.set(lose.finely, device * STEPS);
    keptDensity.set(keep.finely, device * STEPS);
    keptBelow.set(keep.finelyBelow, device * STEPS);
    lostBelow.set(lose.finelyBelow, device * STEPS);
    if (!hasCodeless) continue;
    const codeless = model.codeless(device);
    loseCurves[device + CODELESS_CURVES] = codeless;
    lostDensity.set(codeless.finely, (device + CODELESS_CURVES) * STEPS);
    lostBelow.set(codeless.finelyBelow, (device + CODELESS_CURVES) * STEPS);
  }
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
