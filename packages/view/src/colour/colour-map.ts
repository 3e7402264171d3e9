export type ColourMapName = "gray" | "gray-inverted" | "hot-iron" | "cividis" | "cool-warm";
