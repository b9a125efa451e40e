// What some browsers have and the library of types does not know yet.

interface AudioContext {
  setSinkId?(deviceId: string): Promise<void>;
}
