import { App } from 'cdk8s';
import { IstioCharts } from 'istio-module';
import { ShopChart } from './shop-chart';

const folder = process.env.ISTIO_CHARTS;
const app = new App();
new ShopChart(app, 'shop', { charts: folder ? IstioCharts.directory(folder) : IstioCharts.official() });
app.synth();
