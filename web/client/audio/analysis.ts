/** How both voices are analysed for whoever draws them: alike, so that they look alike. */
export const ANALYSIS: AnalyserOptions = {
  fftSize: 1024,
  smoothingTimeConstant: 0.7,
  minDecibels: -88,
  maxDecibels: -18,
};
