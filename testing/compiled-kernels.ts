/** The compiled kernels, as every command has them: what calls on them is tested as it runs, not by the slow references. */
import { loadKernels } from "@quintet/kernels/node";

await loadKernels();
