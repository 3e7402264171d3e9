/** In a suite's name: it reads real recordings and is counted in the closing line. */
export const realDataMark = "real data:";
