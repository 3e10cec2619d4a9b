/* main.ts - starts the application. */
import { mount } from 'svelte';
import App from './App.svelte';
import 'uplot/dist/uPlot.min.css';
import './app.css';

const target = document.getElementById('app')!;
target.replaceChildren(); /* the word that stood there until now */
mount(App, { target });
performance.mark('mounted');
