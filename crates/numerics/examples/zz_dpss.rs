fn main(){ for (n,nw,k) in [(500,4.0,8),(4096,8.0,16)] {
 let t=dosewave_numerics::spectral::dpss(n,nw,k,false).unwrap();
 let b=std::fs::read(format!("/tmp/w/dpss_{n}.f64")).unwrap();
 let e:Vec<f64>=b.chunks(8).map(|c|f64::from_le_bytes(c.try_into().unwrap())).collect();
 let mut worst=0.0f64;
 for (r,row) in t.tapers.rows().into_iter().enumerate(){ let m=row.iter().fold(0.0f64,|a,x|a.max(x.abs()));
  for (c,x) in row.iter().enumerate(){ worst=worst.max((x-e[r*n+c]).abs()/m);} }
 println!("{n} ours vs long double {worst:e}");
 }
 use dosewave_numerics::spectral::*; use ndarray::*;
 let p=MultitaperParams{bandwidth_hz:Some(4.0),low_bias:true,adaptive:false};
 for n in [500usize,1000]{
 let m=Multitaper::new(n,n as f64/2.0,p).unwrap();
 let x=Array1::from_iter((0..n).map(|t|(t as f64*0.3).sin())); let mut o=Array1::zeros(n/2+1);
 let s=std::time::Instant::now(); for _ in 0..2000{ m.psd_into(x.view(),o.view_mut()).unwrap(); }
 println!("mt {n}: {:?}/epoch",s.elapsed()/2000);
 let mut c=Array2::default((7,n/2+1)); let s=std::time::Instant::now(); for _ in 0..2000{ m.fourier_into(x.view(),c.view_mut()).unwrap(); } println!("fourier {n}: {:?}",s.elapsed()/2000);
 let plan=real_fft(n); let mut b=vec![0.0;n]; let mut sp=plan.make_output_vec(); let mut sc=plan.make_scratch_vec();
 let s=std::time::Instant::now(); for _ in 0..14000{ b.copy_from_slice(x.as_slice().unwrap()); plan.process_with_scratch(&mut b,&mut sp,&mut sc).unwrap(); } println!("7 bare ffts: {:?}",s.elapsed()/2000);
 let s=std::time::Instant::now(); for _ in 0..20000{ std::hint::black_box((vec![0.0f64;n],vec![num_complex::Complex64::default();n/2+1],vec![num_complex::Complex64::default();n])); } println!("allocs: {:?}",s.elapsed()/20000);
 }
 let s=std::time::Instant::now(); let m=Multitaper::new(300_000,500.0,MultitaperParams{bandwidth_hz:Some(0.02),..p}).unwrap(); println!("dpss 300k: {:?} {}",s.elapsed(),m.tapers().eigenvalues.len());
 let s=std::time::Instant::now(); let _=dpss(1000,4.0,8,true); println!("dpss 1000: {:?}",s.elapsed());
}
