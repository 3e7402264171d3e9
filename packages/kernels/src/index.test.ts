import { expect, test } from "vitest";
import * as door from "./index.ts";
import * as nodeDoor from "./pool/node.ts";

test("the door of the kernels", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "asymmetry",
      "averageEpochs",
      "butterworth",
      "butterworthRecording",
      "closing",
      "connectedComponents",
      "convolveFir",
      "correlation",
      "cutEpochs",
      "decayConstant",
      "decayFactor",
      "dilate",
      "distanceTransform",
      "effectiveSamples",
      "erode",
      "fillHoles",
      "filtfilt",
      "finiteRange",
      "firDesign",
      "firFilterRecording",
      "frameMeanFactor",
      "fwhmPerSigma",
      "gaussianMixture",
      "histogram",
      "histogramQuantile",
      "inverseWarpMap",
      "isosurface",
      "largestComponent",
      "leastSquares",
      "madToSigma",
      "mapSignals",
      "meanDensity",
      "median",
      "normalTwoSided",
      "pairHomologues",
      "periodograms",
      "realFft",
      "regionStatistics",
      "regionalAsymmetry",
      "removeResidualMotion",
      "resample",
      "resampleLabels",
      "resampleLabelsWarped",
      "resampleWarped",
      "responsibilities",
      "robustZ",
      "searchClusters",
      "seededRandom",
      "sideOf",
      "smoothGaussian",
      "smoothInside",
      "spreadInside",
      "studentTwoSided",
      "summarise",
      "taper",
      "warpMap",
      "welchSpectrum",
    ]
  `);
});

test("what the kernels add on Node", () => {
  expect(Object.keys(nodeDoor).sort()).toMatchInlineSnapshot(`
    [
      "loadKernels",
    ]
  `);
});
