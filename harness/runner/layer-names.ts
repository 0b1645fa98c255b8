/** The walls around student code, by name: for who only wants to name them. */
export { isUp, type Layer, LAYERS } from '../sandbox/confinement.ts';
